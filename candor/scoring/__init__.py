"""The method: from what people did to two numbers per topic, each the exact sum of published parts."""
