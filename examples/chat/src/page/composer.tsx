import { useState, type KeyboardEvent } from 'react';
import type { About } from './api.ts';

interface ComposerProps {
  readonly isBusy: boolean;
  readonly isStopping: boolean;
  readonly about: About | null;
  readonly onSay: (text: string) => void;
  readonly onStop: () => void;
}

/** Where one writes. While an answer comes, its button stops the answer. */
export function Composer({ isBusy, isStopping, about, onSay, onStop }: ComposerProps) {
  const [text, setText] = useState('');
  const send = (): void => {
    if (isBusy || text.trim() === '') return;
    onSay(text.trim());
    setText('');
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="composer column"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="field">
        <textarea
          aria-label="Message"
          autoFocus
          rows={1}
          maxLength={20_000}
          placeholder="Write a message"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
        />
        {isBusy ? (
          <button type="button" className="stop" aria-label="Stop" disabled={isStopping} onClick={onStop}>
            <span aria-hidden="true" />
          </button>
        ) : (
          <button type="submit" className="send" aria-label="Send" disabled={text.trim() === ''}>
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d="M10 16V4M4.5 9.5 10 4l5.5 5.5" />
            </svg>
          </button>
        )}
      </div>
      <p className="about">
        {about?.isOffline
          ? 'Offline rules answer here, no language model. Set HELIX_MODEL to talk to a real one.'
          : about && `${about.model} answers here. It can be wrong.`}
      </p>
    </form>
  );
}
