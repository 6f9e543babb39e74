import type { HelixUIMessage } from '@helix-agents/ai-sdk';

type FilePart = Extract<HelixUIMessage['parts'][number], { type: 'file' }>;

/** A file of a reply. A picture that is in the reply is shown; what lies elsewhere is fetched by whoever opens it. */
export function FileView({ part: { mediaType, url } }: { readonly part: Pick<FilePart, 'mediaType' | 'url'> }) {
  if (/^data:image\//i.test(url)) return <img className="picture" src={url} alt="A picture in the answer" />;
  const what = `A file (${mediaType})`;
  if (/^data:/i.test(url))
    return (
      <a href={url} download>
        {what}
      </a>
    );
  if (!/^https?:/i.test(url)) return <p className="note">{what}</p>;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {what}
    </a>
  );
}
