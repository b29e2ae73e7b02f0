-- Creates providers, each with a secret and a name that is given once: the first argument and a count.
local prefix
local count = 0

function init(arguments)
  prefix = arguments[1]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  return wrk.format(nil, nil, nil, string.format([[{"name": "%s-%d", "config": {
    "name": "azure", "base_url": "https://bench.openai.azure.com", "options": {"auth_type": "api_key",
    "token": "not-a-real-key", "deployment": "gpt", "api_version": "2024-10-21"}}}]], prefix, count))
end
