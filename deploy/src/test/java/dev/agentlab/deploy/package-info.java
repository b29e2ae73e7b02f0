/// Tests of what installs the program.
@NullMarked
package dev.agentlab.deploy;

import org.jspecify.annotations.NullMarked;
