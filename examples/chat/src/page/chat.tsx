import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useEffect, useRef } from 'react';
import type { About } from './api.ts';
import { Composer } from './composer.tsx';
import { ErrorCard } from './error-card.tsx';
import { Earlier } from './earlier.tsx';
import { MessageView, markOf } from './message-view.tsx';
import { useHelixChat } from './use-helix-chat.ts';

interface ChatProps {
  readonly id: string;
  readonly snapshot: ChatSnapshot | null;
  readonly about: About | null;
  /** Something was said, or a reply ended. */
  readonly onChange: () => void;
}

const suggestions = ['What can you do?', 'What is 12 * (7 + 5)?', 'What time is it?', 'Tell me something long'];

/** One conversation. */
export function Chat({ id, snapshot, about, onChange }: ChatProps) {
  const chat = useHelixChat(id, snapshot);
  const { messages, isBusy, error, isInterrupted, isReconnecting, earlier, stopping } = chat;
  const isEmpty = messages.length === 0;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(onChange, [isBusy, onChange]);
  /** What was pressed goes away. On a touch screen the keyboard would hide what was asked for. */
  const writeOn = (): void => {
    if (!matchMedia('(pointer: coarse)').matches) field.current?.focus();
  };
  const say = (text: string): Promise<boolean> => {
    if (location.pathname !== `/c/${id}`) history.replaceState(null, '', `/c/${id}`);
    return chat.say(text);
  };
  const retry = (): Promise<void> => {
    writeOn();
    return chat.retry();
  };
  const last = messages.at(-1);
  const isWaiting = isBusy && (last?.role === 'user' || last?.parts.every(({ type }) => type === 'step-start'));
  return (
    <main className="chat" data-status={isBusy ? 'busy' : 'ready'}>
      <div className="messages">
        <div className="column" aria-live="polite">
          {isEmpty && (
            <Welcome
              about={about}
              onPick={(text) => {
                writeOn();
                void say(text);
              }}
            />
          )}
          {earlier.isThere && (
            <Earlier state={earlier.state} onShow={() => void earlier.show().then((isAll) => isAll && writeOn())} />
          )}
          {messages.map((message) => (
            <MessageView
              key={message.id}
              message={message}
              isLive={isBusy && message === last}
              mark={message === last ? null : markOf(message)}
            />
          ))}
          {isWaiting && <div className="waiting" aria-label="Waiting for the answer" />}
          {isReconnecting && <p className="note">The connection was lost. Reconnecting…</p>}
          {isInterrupted && (
            <p className="note stopped">
              Stopped.{' '}
              <button type="button" className="link" onClick={() => void retry()}>
                Let it continue
              </button>
            </p>
          )}
          {error && <ErrorCard text={error.text} unharmed={error.unharmed} code={error.code} onRetry={retry} />}
        </div>
      </div>
      <Composer
        isBusy={isBusy}
        isStopping={stopping.isStopping}
        stopFailure={stopping.stopFailure}
        about={about}
        draftOf={isEmpty ? 'new' : id}
        field={field}
        onSay={say}
        onStop={() => {
          writeOn();
          stopping.stop();
        }}
      />
    </main>
  );
}

function Welcome({ about, onPick }: { readonly about: About | null; readonly onPick: (text: string) => void }) {
  return (
    <section className="welcome">
      <h1>What is on your mind?</h1>
      <p>
        {about?.isOffline
          ? 'You are talking to a few rules, not to a language model. They show how this chat streams, stops and survives a reload.'
          : 'Everything said here is kept. Reload or leave whenever you like: the answer goes on without you.'}
      </p>
      <div className="suggestions">
        {suggestions.map((text) => (
          <button type="button" key={text} onClick={() => onPick(text)}>
            {text}
          </button>
        ))}
      </div>
    </section>
  );
}
