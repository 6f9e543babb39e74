/** A conversation that nobody began, or that is another browser's: which of them it is, is told to nobody. */
export function NotHere({ onNew }: { readonly onNew: () => void }) {
  return (
    <main className="chat" data-status="missing">
      <div className="messages">
        <div className="column">
          <section className="welcome">
            <h2>This conversation is not here.</h2>
            <p>Nothing was said in it yet, or it belongs to another browser.</p>
            <div className="suggestions">
              <button type="button" onClick={onNew}>
                New chat
              </button>
            </div>
          </section>
        </div>
      </div>
    </main>
  );
}
