/// Listing queries: how a listing is searched, sorted and cut into pages, as parameterised SQL.
@NullMarked
package dev.agentlab.query;

import org.jspecify.annotations.NullMarked;
