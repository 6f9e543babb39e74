import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useEffect } from 'react';
import type { About } from './api.ts';
import { Composer } from './composer.tsx';
import { ErrorCard } from './error-card.tsx';
import { MessageView } from './message-view.tsx';
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
  const { messages, isBusy, error, isInterrupted, isReconnecting } = chat;
  const isEmpty = messages.length === 0;
  useEffect(onChange, [isBusy, onChange]);
  const say = (text: string): void => {
    if (location.pathname !== `/c/${id}`) history.replaceState(null, '', `/c/${id}`);
    void chat.say(text);
  };
  const last = messages.at(-1);
  const isWaiting = isBusy && (last?.role === 'user' || last?.parts.every(({ type }) => type === 'step-start'));
  return (
    <main className="chat" data-status={isBusy ? 'busy' : 'ready'}>
      <div className="messages">
        <div className="column" aria-live="polite">
          {isEmpty && <Welcome about={about} onPick={say} />}
          {messages.map((message) => (
            <MessageView key={message.id} message={message} isLive={isBusy && message === last} />
          ))}
          {isWaiting && <div className="waiting" aria-label="Waiting for the answer" />}
          {isReconnecting && <p className="note">The connection was lost. Reconnecting…</p>}
          {isInterrupted && (
            <p className="note stopped">
              Stopped.{' '}
              <button type="button" className="link" onClick={() => void chat.retry()}>
                Let it continue
              </button>
            </p>
          )}
          {error && <ErrorCard text={error.text} unharmed={error.unharmed} code={error.code} onRetry={chat.retry} />}
        </div>
      </div>
      <Composer
        isBusy={isBusy}
        isStopping={chat.isStopping}
        onSay={say}
        onStop={() => void chat.stop()}
        about={about}
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
