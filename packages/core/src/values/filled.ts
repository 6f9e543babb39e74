/** Options with every default filled. `Required` alone leaves the `undefined` in that who gives them may write for none. */
export type Filled<T> = { readonly [Name in keyof T]-?: Exclude<T[Name], undefined> };
