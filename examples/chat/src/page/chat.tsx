import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import type { About } from './api.ts';
import { Composer } from './composer.tsx';
import { ErrorCard } from './error-card.tsx';
import { Earlier } from './earlier.tsx';
import { MessageView, markOf } from './message-view.tsx';
import { isSource } from './sources-of.ts';
import { useDraft, useKeptDraft } from './use-draft.ts';
import { useEscape } from './use-escape.ts';
import { useHelixChat } from './use-helix-chat.ts';
import { Welcome } from './welcome.tsx';

interface ChatProps {
  readonly id: string;
  /** It was opened to begin it, and has no address yet. */
  readonly isNew: boolean;
  readonly snapshot: ChatSnapshot | null;
  readonly about: About | null;
  /** Something was said, or a reply ended. */
  readonly onChange: () => void;
}

/** One conversation. */
export function Chat({ id, isNew, snapshot, about, onChange }: ChatProps) {
  const { text, write } = useDraft(id, isNew);
  const chat = useHelixChat(id, snapshot, {
    onTaken: onChange,
    onGivenBack: (said) => write((now) => (now.trim() === '' ? said : `${said}\n\n${now}`)),
  });
  const { messages, isBusy, isSaying, error, isInterrupted, isReconnecting, unsent, earlier, stopping } = chat;
  const isEmpty = messages.length === 0;
  const field = useRef<HTMLTextAreaElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useKeptDraft(id, !isEmpty, text);
  useEffect(onChange, [isBusy, onChange]);
  useEffect(() => {
    if (isEmpty && location.pathname === addressOf(id)) history.replaceState(null, '', '/');
  }, [id, isEmpty]);
  /** What was pressed goes away. On a touch screen the keyboard would hide what was asked for. */
  const writeOn = (): void => {
    if (!matchMedia('(pointer: coarse)').matches) field.current?.focus();
  };
  const say = (said: string): void => {
    if (location.pathname !== addressOf(id)) history.replaceState(null, '', addressOf(id));
    // Its end is its beginning: the list is reversed.
    list.current?.scrollTo(0, 0);
    void chat.say(said);
  };
  const retry = (): Promise<void> => {
    writeOn();
    return chat.retry();
  };
  const stop = (): void => {
    writeOn();
    stopping.stop();
  };
  useEscape(isBusy && !stopping.isStopping, stop);
  const takeBack = (): void => {
    writeOn();
    chat.takeBack();
  };
  const last = messages.at(-1);
  const isWaiting = (isBusy || isSaying) && (last?.role === 'user' || last?.parts.every(saysNothing));
  // What is written below a long conversation draws nothing of it anew.
  const views = useMemo(
    () => messages.map((message) => viewOf(message, message === messages.at(-1), isBusy)),
    [messages, isBusy],
  );
  return (
    <main className="chat" data-status={statusOf(chat)}>
      <div className="messages" ref={list}>
        <div className="column" role="log" aria-label="What was said">
          {isEmpty && (
            <Welcome
              about={about}
              onPick={(suggestion) => {
                writeOn();
                say(suggestion);
              }}
            />
          )}
          {earlier.isThere && (
            <Earlier state={earlier.state} onShow={() => void earlier.show().then((isAll) => isAll && writeOn())} />
          )}
          {views}
          {isWaiting && <div className="waiting" aria-label="Waiting for the answer" />}
          {unsent && unsent.id === last?.id && !isBusy && !isSaying && (
            <UnsentNote isReconnecting={isReconnecting} onTakeBack={takeBack} onReconnect={chat.reconnect} />
          )}
          {isReconnecting && !unsent && (
            <p className="note">
              The connection was lost. Reconnecting… <TryNow onPress={chat.reconnect} />
            </p>
          )}
          {isInterrupted && (
            <p className="note stopped">
              Stopped.{' '}
              <button type="button" className="link" onClick={() => void retry()}>
                Let it continue
              </button>
            </p>
          )}
          {error && (
            <ErrorCard
              text={error.text}
              unharmed={unsent ? notLost : error.unharmed}
              code={error.code}
              onRetry={retry}
            />
          )}
        </div>
      </div>
      <Composer
        isBusy={isBusy}
        isStopping={stopping.isStopping}
        stopFailure={stopping.stopFailure}
        about={about}
        text={text}
        blocked={blockOf(chat)}
        notSent={chat.notSent}
        field={field}
        onWrite={(now) => {
          write(now);
          chat.forgetNotSent();
        }}
        onSay={(said) => {
          write('');
          say(said);
        }}
        onStop={stop}
      />
    </main>
  );
}

/** Nothing of it is shown while a reply is written. */
function saysNothing(part: HelixUIMessage['parts'][number]): boolean {
  return part.type === 'step-start' || isSource(part);
}

function viewOf(message: HelixUIMessage, isLast: boolean, isBusy: boolean): ReactNode {
  const mark = isLast ? null : markOf(message);
  return <MessageView key={message.id} message={message} isLive={isBusy && isLast} mark={mark} />;
}

const notLost = 'Your message was not sent yet. It is kept here.';

function addressOf(id: string): string {
  return `/c/${id}`;
}

type ChatState = Pick<ReturnType<typeof useHelixChat>, 'isBusy' | 'isSaying' | 'isReconnecting' | 'unsent'>;

function statusOf({ isBusy, isSaying, isReconnecting }: ChatState): 'busy' | 'lost' | 'ready' {
  if (isBusy || isSaying) return 'busy';
  return isReconnecting ? 'lost' : 'ready';
}

/** Why nothing can be sent now. */
function blockOf({ isBusy, isReconnecting, unsent }: ChatState): string | null {
  if (isBusy) return 'An answer is being written. Wait for its end, or stop it.';
  if (isReconnecting) return 'There is no connection. What you write is kept here.';
  return unsent && 'Your last message is not sent yet. What you write is kept here.';
}

interface UnsentNoteProps {
  readonly isReconnecting: boolean;
  readonly onReconnect: () => void;
  readonly onTakeBack: () => void;
}

/** Stands below a message that the server does not have. */
function UnsentNote({ isReconnecting, onReconnect, onTakeBack }: UnsentNoteProps) {
  return (
    <p className="note unsent">
      Not sent yet. {isReconnecting && 'It goes out when the connection is back. '}
      {isReconnecting && <TryNow onPress={onReconnect} />}
      {isReconnecting && ' · '}
      <button type="button" className="link" onClick={onTakeBack}>
        Take it back
      </button>
    </p>
  );
}

function TryNow({ onPress }: { readonly onPress: () => void }) {
  return (
    <button type="button" className="link" onClick={onPress}>
      Try now
    </button>
  );
}
