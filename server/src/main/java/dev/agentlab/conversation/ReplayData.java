package dev.agentlab.conversation;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Data that vendors returned with an earlier response, and that the client sends back unchanged
/// ([StreamEvent.VendorContent]).
///
/// @param path the path of the member in the client's request
/// @param byVendor the data by vendor, such as `anthropic`
public record ReplayData(String path, ObjectNode byVendor) {
  /// The data of a vendor; a missing node if there is none.
  public JsonNode of(String vendor) {
    return byVendor.path(vendor);
  }
}
