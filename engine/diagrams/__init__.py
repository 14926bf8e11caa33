"""BPMN files: safe XML, the reader and the model it fills."""
