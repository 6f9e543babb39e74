import type { HelixUIMessage } from '@helix-agents/ai-sdk';

type ToolPart = Extract<HelixUIMessage['parts'][number], { toolCallId: string }>;

/** A tool call: what was asked for, whether it is done, and what came of it. */
export function ToolCard({ part }: { readonly part: ToolPart }) {
  const state = stateOf(part);
  const name = part.type === 'dynamic-tool' ? part.toolName : part.type.slice('tool-'.length);
  return (
    <details className="tool" data-state={state.kind}>
      <summary>
        <span className="sign" aria-hidden="true" />
        <span className="name">{name.replaceAll('_', ' ')}</span>
        <span className="brief">{brief(part.input)}</span>
        <span className="outcome">{state.text}</span>
      </summary>
      <pre>{JSON.stringify(part.input, null, 2)}</pre>
      {part.state === 'output-available' && <pre>{JSON.stringify(part.output, null, 2)}</pre>}
      {part.state === 'output-error' && <p className="tool-error">{part.errorText}</p>}
    </details>
  );
}

function stateOf(part: ToolPart): { readonly kind: 'running' | 'done' | 'failed'; readonly text: string } {
  if (part.state === 'output-available') return { kind: 'done', text: brief(part.output) };
  if (part.state === 'output-error') return { kind: 'failed', text: part.errorText };
  return { kind: 'running', text: part.state === 'input-streaming' ? 'writing…' : 'running…' };
}

/** The last value of a small object says most: the first ones often repeat what was asked. */
function brief(value: unknown): string {
  const last = typeof value === 'object' && value !== null ? Object.values(value).at(-1) : value;
  if (last === undefined || last === null) return '';
  const text = typeof last === 'string' ? last : JSON.stringify(last);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
