/// The one way out: every call this service makes to a provider goes through here, within its
/// egress policy and its limits. Proxy settings of the environment are not honoured. Vert.x is not
/// seen outside.
@NullMarked
package dev.agentlab.upstream;

import org.jspecify.annotations.NullMarked;
