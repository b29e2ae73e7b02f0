/// Listing queries: which fields a listing has, how it is searched and sorted, as parameterised
/// SQL.
@NullMarked
package dev.agentlab.query;

import org.jspecify.annotations.NullMarked;
