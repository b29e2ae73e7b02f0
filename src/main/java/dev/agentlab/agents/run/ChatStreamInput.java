package dev.agentlab.agents.run;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import dev.agentlab.json.Bounds;
import dev.agentlab.json.Description;
import dev.agentlab.json.ExactlyOne;
import dev.agentlab.json.SchemaFrom;
import dev.agentlab.json.SchemaName;
import dev.agentlab.secrets.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What an agent is to say next as a stream: the body of a chat, without what needs a whole answer.
@SchemaName("ChatStreamRequest")
@ExactlyOne(one = "prompt", other = "messages")
public record ChatStreamInput(
    @Description("What the user says; either this or `messages`.") @Bounds(min = 1)
        Optional<String> prompt,
    @Description("A conversation as OpenAI's chat completions take it, in place of `prompt`.")
        @SchemaFrom(ChatMessage.class)
        @Bounds(min = 1)
        Optional<List<ObjectNode>> messages,
    @Description("Members of the request to the model, over the agent's own for chats.")
        Optional<ObjectNode> options,
    @Description("Takes the place of the provider's key for this call.") Optional<Secret> token,
    @JsonAnySetter @Description("Members of OpenAI's request, as in `options`.")
        Map<String, JsonNode> members)
    implements RunInput {}
