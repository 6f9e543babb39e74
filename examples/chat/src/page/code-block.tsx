import { useEffect, useRef, useState, type ReactNode } from 'react';

/** How long it says that it was copied. */
const thanksMs = 1_500;

/** Code as it is to be typed, with a button that takes it along. */
export function CodeBlock({ children }: { readonly children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), thanksMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = (): void => {
    navigator.clipboard.writeText(code.current?.textContent.trimEnd() ?? '').then(
      () => setCopied(true),
      () => {},
    );
  };
  return (
    <div className="code">
      <pre ref={code}>{children}</pre>
      {mayCopy && (
        <button type="button" onClick={copy}>
          {isCopied ? 'Copied' : 'Copy'}
        </button>
      )}
    </div>
  );
}

/** Browsers let only pages copy that came on a safe way. */
const mayCopy = 'clipboard' in navigator;
