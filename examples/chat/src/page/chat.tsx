import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import type { About } from './api.ts';
import { ChatNotes } from './chat-notes.tsx';
import { Composer } from './composer.tsx';
import { Earlier } from './earlier.tsx';
import { markOf } from './mark-of.ts';
import { MessageView } from './message-view.tsx';
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
  const { messages, isBusy, earlier, stopping } = chat;
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
  // What is written below a long conversation draws nothing of it anew.
  const isOver = rests(chat);
  const views = useMemo(
    () => messages.map((message) => viewOf(message, message === messages.at(-1), { isBusy, isOver })),
    [messages, isBusy, isOver],
  );
  return (
    <main className="chat" data-status={statusOf(chat)}>
      {/* A stop for the keyboard, which scrolls it: some browsers make none of a list by themselves. */}
      <div className="messages" ref={list} role="log" aria-label="What was said" tabIndex={0}>
        <div className="column">
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
          <ChatNotes chat={chat} onTakeBack={takeBack} onRetry={retry} />
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

type LastTurn = { readonly isBusy: boolean; readonly isOver: boolean };

function viewOf(message: HelixUIMessage, isLast: boolean, { isBusy, isOver }: LastTurn): ReactNode {
  const mark = !isLast || isOver ? markOf(message) : null;
  return <MessageView key={message.id} message={message} isLive={isBusy && isLast} mark={mark} />;
}

function addressOf(id: string): string {
  return `/c/${id}`;
}

type ChatState = Pick<ReturnType<typeof useHelixChat>, 'isBusy' | 'isSaying' | 'isReconnecting' | 'unsent'>;

/** The last turn came to its end. One that goes on, failed or was stopped says so itself, with what can be done about it. */
function rests(chat: ChatState & Pick<ReturnType<typeof useHelixChat>, 'error' | 'isInterrupted'>): boolean {
  return statusOf(chat) === 'ready' && !chat.error && !chat.isInterrupted;
}

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
