import { useState, type KeyboardEvent, type RefObject } from 'react';
import type { About } from './api.ts';

interface ComposerProps {
  readonly isBusy: boolean;
  readonly isStopping: boolean;
  readonly stopFailure: string | null;
  readonly about: About | null;
  readonly text: string;
  /** Why nothing can be sent now; null where it can. */
  readonly blocked: string | null;
  /** Why the last message was given back. */
  readonly notSent: string | null;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onWrite: (text: string) => void;
  readonly onSay: (text: string) => void;
  readonly onStop: () => void;
}

/** What a message may hold. */
const maxMessageChars = 20_000;

/** Where one writes. While an answer comes, its button stops the answer. */
export function Composer(props: ComposerProps) {
  const { isBusy, isStopping, about, text, blocked, field, onWrite, onSay, onStop } = props;
  /** The user wanted to send although nothing can be sent: now it is said why. */
  const [isHeld, setHeld] = useState(false);
  const hint = hintOf(props, isHeld);
  const write = (now: string): void => {
    setHeld(false);
    onWrite(now);
  };
  const send = (): void => {
    if (text.trim() === '' || isTooLong(text)) return;
    setHeld(blocked !== null);
    if (blocked === null) onSay(text.trim());
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
          ref={field}
          aria-label="Message"
          autoFocus
          rows={1}
          placeholder="Write a message"
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKey}
        />
        {isBusy ? (
          <button
            type="button"
            className="stop"
            aria-label="Stop"
            title="Stop (Escape)"
            disabled={isStopping}
            // It stands where the message was sent from: the second half of a double click is no stop.
            onClick={({ detail }) => detail < 2 && onStop()}
          >
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
      {hint === null ? (
        <p className="about">{aboutText(about)}</p>
      ) : (
        // What changes with every key is not shouted.
        <p className={hint === blocked ? 'about' : 'about failed'} role={isTooLong(text) ? 'status' : 'alert'}>
          {hint}
        </p>
      )}
    </form>
  );
}

/** What stands in the way, said where one looks while writing. */
function hintOf({ stopFailure, text, blocked, notSent }: ComposerProps, isHeld: boolean): string | null {
  if (stopFailure !== null) return `The answer was not stopped. ${stopFailure} Press stop again.`;
  if (isTooLong(text))
    return `This is too long to be sent: it has ${count(text.trim().length)} characters, and ${count(maxMessageChars)} are possible.`;
  if (isHeld && blocked !== null) return blocked;
  return notSent && `Not sent. ${notSent} Your words are back here.`;
}

function isTooLong(text: string): boolean {
  return text.trim().length > maxMessageChars;
}

function count(characters: number): string {
  return characters.toLocaleString('en');
}

function aboutText(about: About | null): string | null {
  if (about?.isOffline) return 'Offline rules answer here, no language model. Set HELIX_MODEL to talk to a real one.';
  return about && `${about.model} answers here. It can be wrong.`;
}
