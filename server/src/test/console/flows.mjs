// All flows, in one process with one browser: node --test-name-pattern='…' flows.mjs runs some of them. The first ones
// see the service before it has any provider, and those after them while it has few.
import './first-start.mjs'
import './images.mjs'
import './sign-in.mjs'
import './providers.mjs'
import './agents.mjs'
import './playground.mjs'
import './calls.mjs'
import './routes.mjs'
import './operations.mjs'
import './keyboard.mjs'
import './interruptions.mjs'
import './views.mjs'
