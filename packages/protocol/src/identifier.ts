/** The check of an identifier, apart from what makes one so that a short-lived client need not load it. */
import * as z from 'zod';

/** As newId makes them. */
export const identifier = z.string().regex(/^[a-z2-7]{12}$/);
