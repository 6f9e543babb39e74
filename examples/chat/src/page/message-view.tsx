import type { HelixUIMessage } from '@helix-agents/ai-sdk';
import { memo } from 'react';
import { FileView } from './file-view.tsx';
import { ReplyText } from './reply-text.tsx';
import { SourceList } from './source-list.tsx';
import { isSource, sourcesOf } from './sources-of.ts';
import { ToolCard } from './tool-card.tsx';

interface MessageViewProps {
  readonly message: HelixUIMessage;
  /** It is being written. */
  readonly isLive: boolean;
  /** What stands below it, where it lacks something. */
  readonly mark: string | null;
}

type Part = HelixUIMessage['parts'][number];

/**
 * A message of the user, or a reply with its thoughts, texts and tools in order, and below it what it stands on. It is drawn anew only
 * where it changed: each key that is pressed, and each word that comes, would draw all the others too.
 */
export const MessageView = memo(function MessageView({ message, isLive, mark }: MessageViewProps) {
  const { role, parts } = message;
  if (role === 'user')
    return (
      <article className="message user" aria-label="You said">
        {parts.map(userPart)}
      </article>
    );
  const said = parts.filter((part) => !isSource(part));
  const shown = said.filter((part, index) => part.type !== 'step-start' || isCutBefore(said, index));
  const sources = isLive ? [] : sourcesOf(parts);
  if (shown.length === 0 && sources.length === 0 && mark === null) return null;
  return (
    <article className="message reply" aria-label="The answer" aria-busy={isLive}>
      {shown.map((part, index) => (
        <ReplyPart key={keyOf(part, index)} part={part} isWritten={isLive && index === shown.length - 1} />
      ))}
      {sources.length > 0 && <SourceList sources={sources} />}
      {mark !== null && <p className="note">{mark}</p>}
    </article>
  );
});

/** A step that ends with words was the last one, unless a stop cut it and it was let go on. */
function isCutBefore(parts: readonly Part[], index: number): boolean {
  return parts[index - 1]?.type === 'text';
}

function userPart(part: Part, index: number) {
  return part.type === 'text' ? <p key={index}>{part.text}</p> : null;
}

function keyOf(part: Part, index: number): string {
  return 'toolCallId' in part ? part.toolCallId : `${part.type}-${index}`;
}

function ReplyPart({ part, isWritten }: { readonly part: Part; readonly isWritten: boolean }) {
  if (part.type === 'text')
    return (
      <div className={isWritten ? 'text written' : 'text'}>
        <ReplyText text={part.text} />
      </div>
    );
  if (part.type === 'reasoning')
    return (
      <details className="thought">
        <summary>{isWritten ? 'Thinking…' : 'Thought'}</summary>
        <p>{part.text}</p>
      </details>
    );
  if (part.type === 'file') return <FileView part={part} />;
  if (part.type === 'step-start') return <p className="note">Stopped here, and went on.</p>;
  return 'toolCallId' in part ? <ToolCard part={part} /> : null;
}
