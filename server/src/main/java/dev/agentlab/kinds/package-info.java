/// Kinds of language-model providers: configuration, validation, requests and connection tests.
@NullMarked
package dev.agentlab.kinds;

import org.jspecify.annotations.NullMarked;
