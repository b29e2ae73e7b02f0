/// Pages of a listing: what a caller may ask for, and what an answer holds.
@NullMarked
package dev.agentlab.paging;

import org.jspecify.annotations.NullMarked;
