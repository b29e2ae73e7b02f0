/// What tests of all packages need.
@NullMarked
package dev.agentlab.testing;

import org.jspecify.annotations.NullMarked;
