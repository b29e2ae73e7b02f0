/// Providers: the places models are called at, as the team has registered them.
@NullMarked
package dev.agentlab.providers;

import org.jspecify.annotations.NullMarked;
