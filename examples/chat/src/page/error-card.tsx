interface ErrorCardProps {
  readonly text: string;
  readonly unharmed?: string | null;
  readonly code?: string | null;
  readonly onRetry: () => Promise<void>;
}

/** What went wrong, what is unharmed, and one thing to do. */
export function ErrorCard({ text, unharmed, code, onRetry }: ErrorCardProps) {
  return (
    <div className="error" role="alert">
      <div>
        <strong>{text}</strong>
        <span>{unharmed ?? 'What was said so far is kept.'}</span>
        {code && <code>{code}</code>}
      </div>
      <button type="button" onClick={() => void onRetry()}>
        Try again
      </button>
    </div>
  );
}
