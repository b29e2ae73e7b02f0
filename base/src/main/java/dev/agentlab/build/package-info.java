/// What the program knows about its own build.
@NullMarked
package dev.agentlab.build;

import org.jspecify.annotations.NullMarked;
