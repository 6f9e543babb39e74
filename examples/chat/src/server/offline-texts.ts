import type { FilePart, SourcePart } from '@helix-agents/sdk';

/** What the offline model says of itself. */
export const whoIAm = `I am a small offline model made of a few rules, so I cannot really answer. I am here to show how this chat works:

- give me a sum, such as \`12 * (7 + 5)\`, and I call a tool
- ask me what time it is
- ask for a **long** text, and reload the page or stop me in the middle of it
- ask me to **fail**, and try again; to be **cut** short, or to say **nothing**
- ask for **Markdown**, a **picture** or **sources**, to see how they are shown

Set \`HELIX_MODEL\` to talk to a real model.`;

/** Whatever Markdown a reply may hold, and what a page must not do with it. */
export const markdownText = `# What a reply can hold

Words can be *stressed*, **strong**, ~~taken back~~ or \`code\`, and lead [elsewhere](https://example.com/).

## In rows and lists

| Who  | What it keeps           | For how long                |
| ---- | ----------------------- | --------------------------- |
| Page | a draft                 | as long as the tab is open  |
| Run  | its steps and its waits | until the session is pruned |

1. A step
   - with a part
2. Another one

- [x] said
- [ ] answered

> What was said stays said.

\`\`\`ts
const answer = 6 * 7;
\`\`\`

A picture from elsewhere is a link, because its server would learn who reads this: ![a tree](https://pictures.example/tree.png).
What would run something is only its [words](javascript:alert(1)).`;

/** Drawn in the words of SVG, so that it can be read here. */
export const picture: FilePart = {
  type: 'file',
  mediaType: 'image/svg+xml',
  url: `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 240" width="420" height="240">
<rect width="420" height="240" fill="#cfe3f1"/><circle cx="330" cy="66" r="30" fill="#f4c95d"/>
<path d="M0 200 120 84l92 92 60-52 148 116H0Z" fill="#57788c"/><path d="M0 240v-34q210-44 420 0v34Z" fill="#7fa36b"/>
</svg>`,
  )}`,
};

/** Long enough to reload a page twenty times while it comes. Plain words, so that every beginning of it reads the same. */
export const longText = [
  'Here is a long text, one word after the other, so that you can do things to it while it comes.',
  'Every word that you see was first written to the stream of this conversation, which lies in a database and not in this page. The page only reads. So you can close it, open it again somewhere else, or lose the network for a while, and nothing happens to the answer: the run goes on where it is, and a page that comes back is told the whole reply from its beginning and then whatever is new.',
  'Try it. Reload the page now. The words that were here are here again, none of them twice, and the next one follows. What the record holds comes from the record, what came after it comes from the stream, and the place where one ends and the other begins is kept with the record, in the same commit.',
  'You can also stop me. The button sends a request that is stored, so it works from any page and for any server that runs the agent. What you have seen until then stays, marked as stopped, and you can let me go on or say something else. Closing the page is not a stop: you may have had other reasons.',
  'When a model fails in the middle of a sentence, the attempt is taken back. The next attempt does not continue a sentence that it did not write; it begins anew, and the page forgets what the first one said. At the end the page shows what the record has, word for word, and nothing else.',
  'Even the server may die. Another one that has the same database takes the conversation up after a moment, looks at what was done and what was not, and goes on from the last commit. A tool that ran does not run a second time, unless it said that this is harmless.',
  'None of this needs a special page. It is the usual hook of the AI SDK, with two small functions that tell it where to send a message and where to pick up a reply. The rest is on the other side, where it belongs.',
  'That is all that I have to say. Thank you for reading to the end.',
].join('\n\n');

/** Made up, as an offline model's must be; the last is what a page must not make a link of. */
export const madeUpSources: readonly SourcePart[] = [
  {
    type: 'source',
    sourceType: 'url',
    sourceId: '1',
    url: 'https://tides.example/bergen?day=1',
    title: 'Tides in Bergen',
  },
  { type: 'source', sourceType: 'url', sourceId: '2', url: 'https://moon.example/why-the-sea-rises' },
  {
    type: 'source',
    sourceType: 'document',
    sourceId: '3',
    mediaType: 'application/pdf',
    title: 'Tables of the harbour',
  },
  {
    type: 'source',
    sourceType: 'url',
    sourceId: '4',
    url: 'https://tides.example/bergen?day=1',
    title: 'Tides in Bergen',
  },
  { type: 'source', sourceType: 'url', sourceId: '5', url: 'javascript:alert(1)', title: 'What would run something' },
];
