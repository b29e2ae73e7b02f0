/// Pages of a listing.
@NullMarked
package dev.agentlab.paging;

import org.jspecify.annotations.NullMarked;
