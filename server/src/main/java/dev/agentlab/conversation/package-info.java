/// The neutral model of a chat: a request ([ChatRequest]), and the events of its response
/// ([StreamEvent]). A reader of each client's dialect creates requests, and a writer of each
/// provider's dialect consumes them; events flow the other way.
///
/// The package depends on no dialect. Jackson nodes hold only what has no neutral form: content of
/// a vendor that is kept as it came, and numbers in their exact notation.
@NullMarked
package dev.agentlab.conversation;

import org.jspecify.annotations.NullMarked;
