import type { HelixUIMessage } from '@helix-agents/ai-sdk';
import { ErrorCard } from './error-card.tsx';
import { isSource } from './sources-of.ts';
import type { useHelixChat } from './use-helix-chat.ts';

interface ChatNotesProps {
  readonly chat: ReturnType<typeof useHelixChat>;
  readonly onTakeBack: () => void;
  readonly onRetry: () => Promise<void>;
}

/** What stands behind the last message: what is waited for, or what is wrong, and what can be done about it. */
export function ChatNotes({ chat, onTakeBack, onRetry }: ChatNotesProps) {
  const { messages, isBusy, isSaying, error, isInterrupted, isReconnecting, unsent } = chat;
  const last = messages.at(-1);
  const isWaiting = (isBusy || isSaying) && (last?.role === 'user' || last?.parts.every(saysNothing));
  return (
    <>
      {isWaiting && <div className="waiting" role="img" aria-label="Waiting for the answer" />}
      {unsent && unsent.id === last?.id && !isBusy && !isSaying && (
        <UnsentNote isReconnecting={isReconnecting} onTakeBack={onTakeBack} onReconnect={chat.reconnect} />
      )}
      {isReconnecting && !unsent && (
        <p className="note">
          The connection was lost. Reconnecting… <TryNow onPress={chat.reconnect} />
        </p>
      )}
      {isInterrupted && (
        <p className="note stopped">
          Stopped.{' '}
          <button type="button" className="link" onClick={() => void onRetry()}>
            Let it continue
          </button>
        </p>
      )}
      {error && (
        <ErrorCard text={error.text} unharmed={unsent ? notLost : error.unharmed} code={error.code} onRetry={onRetry} />
      )}
    </>
  );
}

/** Nothing of it is shown while a reply is written. */
function saysNothing(part: HelixUIMessage['parts'][number]): boolean {
  return part.type === 'step-start' || isSource(part);
}

const notLost = 'Your message was not sent yet. It is kept here.';

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
