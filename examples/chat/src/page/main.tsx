// oxlint-disable-next-line import/no-unassigned-import -- it is loaded for what it does, before everything else
import './zod-without-eval.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
