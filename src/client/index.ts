/** To come. */
export const placeholder = true;
