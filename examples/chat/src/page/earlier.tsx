interface EarlierProps {
  readonly state: 'idle' | 'loading' | 'failed';
  readonly onShow: () => void;
}

/** Stands above a conversation of which not everything is shown. */
export function Earlier({ state, onShow }: EarlierProps) {
  return (
    <div className="earlier">
      <button type="button" aria-busy={state === 'loading'} onClick={onShow}>
        {state === 'loading' ? 'Loading…' : 'Show earlier'}
      </button>
      {state === 'failed' && (
        <p className="note" role="alert">
          The earlier messages could not be loaded. Try again.
        </p>
      )}
    </div>
  );
}
