package dev.agentlab.conversation;

import tools.jackson.databind.node.ObjectNode;

/// Data of a response without a neutral form.
///
/// @param vendor the vendor whose format the members have, such as `anthropic`
/// @param members the data as it came; must not be changed
public record VendorMembers(String vendor, ObjectNode members) {}
