/// What callers did wrong, in a form every layer can pass on, and how they name things.
@NullMarked
package dev.agentlab.errors;

import org.jspecify.annotations.NullMarked;
