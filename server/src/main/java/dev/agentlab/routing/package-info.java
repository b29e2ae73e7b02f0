/// The registry of model routes. A route is a name for which a call goes to one of several targets,
/// each a model of a provider or an agent; its revisions are kept.
@NullMarked
package dev.agentlab.routing;

import org.jspecify.annotations.NullMarked;
