export const stackGroup = {
  title: "Stack",
  sections: [],
  around: (context, work) => work(context),
};
