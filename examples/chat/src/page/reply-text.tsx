import type { ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { CodeBlock } from './code-block.tsx';

/** The Markdown of a reply. What a model wrote makes this page ask nobody for anything, and run nothing. */
export function ReplyText({ text }: { readonly text: string }) {
  return (
    <Markdown remarkPlugins={plugins} components={components}>
      {text}
    </Markdown>
  );
}

const plugins = [remarkGfm];

const components: Components = {
  // The heading of the page is above those of what is said in it.
  h1: 'h2',
  h2: 'h3',
  h3: 'h4',
  h4: 'h5',
  h5: 'h6',
  a: ({ href, children }) => <Address to={href}>{children}</Address>,
  // A picture from elsewhere would tell its server who reads this, and when: it is fetched by whoever opens it.
  img: ({ src, alt }) => <Address to={typeof src === 'string' ? src : ''}>{alt || 'A picture'}</Address>,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  // Only lists of tasks have boxes, and nobody can press them.
  input: ({ checked }) => <input type="checkbox" disabled checked={checked} aria-label={checked ? 'Done' : 'To do'} />,
  table: ({ children }) => (
    <div className="table">
      <table>{children}</table>
    </div>
  ),
};

/** An address that may not be opened has come here empty: then its words are only words. */
function Address({ to, children }: { readonly to: string | undefined; readonly children: ReactNode }) {
  if (!to) return <>{children}</>;
  return (
    <a href={to} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}
