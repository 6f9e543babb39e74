import type { ShownSource } from './sources-of.ts';

/** What a reply stands on: links, below it. */
export function SourceList({ sources }: { readonly sources: readonly ShownSource[] }) {
  return (
    <section className="sources" aria-label="Sources">
      <p>Sources</p>
      <ol>
        {sources.map(({ title, href, host }) => (
          <li key={`${href} ${title}`}>
            {href === undefined ? (
              title
            ) : (
              <a href={href} target="_blank" rel="noreferrer">
                {title}
              </a>
            )}
            {host !== undefined && <span> {host}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
