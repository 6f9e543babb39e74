import { useState, type KeyboardEvent, type RefObject } from 'react';
import type { About } from './api.ts';
import { keepDraft, readDraft } from './drafts.ts';

interface ComposerProps {
  readonly isBusy: boolean;
  readonly isStopping: boolean;
  readonly stopFailure: string | null;
  readonly about: About | null;
  /** What is written is kept under this name until it is sent. */
  readonly draftOf: string;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Resolves with false where the text was not taken. */
  readonly onSay: (text: string) => Promise<boolean>;
  readonly onStop: () => void;
}

/** Where one writes. While an answer comes, its button stops the answer. */
export function Composer({ isBusy, isStopping, stopFailure, about, draftOf, field, onSay, onStop }: ComposerProps) {
  const [text, setText] = useState(() => readDraft(draftOf));
  const write = (now: string): void => {
    setText(now);
    keepDraft(draftOf, now);
  };
  const send = async (): Promise<void> => {
    if (isBusy || text.trim() === '') return;
    write('');
    if (!(await onSay(text.trim()))) write(text);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      className="composer column"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="field">
        <textarea
          ref={field}
          aria-label="Message"
          autoFocus
          rows={1}
          maxLength={20_000}
          placeholder="Write a message"
          value={text}
          onChange={(event) => write(event.target.value)}
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
      {stopFailure === null ? (
        <p className="about">{aboutText(about)}</p>
      ) : (
        <p className="about failed" role="alert">
          The answer was not stopped. {stopFailure} Press stop again.
        </p>
      )}
    </form>
  );
}

function aboutText(about: About | null): string | null {
  if (about?.isOffline) return 'Offline rules answer here, no language model. Set HELIX_MODEL to talk to a real one.';
  return about && `${about.model} answers here. It can be wrong.`;
}
