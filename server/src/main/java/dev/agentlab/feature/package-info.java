/// What a feature contributes to the service.
@NullMarked
package dev.agentlab.feature;

import org.jspecify.annotations.NullMarked;
