/** How large a graph may be: beyond any circuit that can be proven, and small enough that a file of a few bytes cannot ask for gigabytes. */

/** Elements of one tensor. */
export const elementLimit = 2 ** 24;
/** Elements of all tensors that nodes make. */
export const totalElementLimit = 2 ** 25;
/** Elements under all windows of one pool or reduction. */
export const windowElementLimit = 2 ** 25;
