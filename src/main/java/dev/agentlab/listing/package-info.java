/// Listings: how one is asked for, and how it is searched, sorted and cut into pages, as
/// parameterised SQL.
@NullMarked
package dev.agentlab.listing;

import org.jspecify.annotations.NullMarked;
