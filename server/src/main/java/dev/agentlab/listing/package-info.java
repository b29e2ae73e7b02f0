/// Listings with search, sorting and pagination: their request parameters and their parameterized
/// SQL.
@NullMarked
package dev.agentlab.listing;

import org.jspecify.annotations.NullMarked;
