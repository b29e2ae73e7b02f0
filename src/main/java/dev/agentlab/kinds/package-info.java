/// Providers of language models: their kinds, how each is configured and reached, and how to find
/// out whether one works.
@NullMarked
package dev.agentlab.kinds;

import org.jspecify.annotations.NullMarked;
