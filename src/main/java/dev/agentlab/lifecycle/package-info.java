/// Starting and stopping the parts of the service in order, and knowing whether it is ready.
@NullMarked
package dev.agentlab.lifecycle;

import org.jspecify.annotations.NullMarked;
