/** Words enough for commits of about 1.4 and 1.6 KB a step, and the same words for every side. */
export const thought = 'I look this up first, since the answer rests on what the sources say about it. '.repeat(4);
export const query = 'what do the sources say about the question that was asked, and where do they say it';
export const finding = 'The source says that the answer is on page twelve, third paragraph, with a table. '.repeat(5);
