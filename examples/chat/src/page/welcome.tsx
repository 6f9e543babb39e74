import type { About } from './api.ts';

/** Stands where nothing was said yet. */
export function Welcome({ about, onPick }: { readonly about: About | null; readonly onPick: (text: string) => void }) {
  return (
    <section className="welcome">
      <h2>What is on your mind?</h2>
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

const suggestions = ['What can you do?', 'What is 12 * (7 + 5)?', 'What time is it?', 'Tell me something long'];
